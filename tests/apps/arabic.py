"""An app in Arabic, with its own words in our forms."""

import streamlit as st

from streamlit_persistauth import Authenticator

LABELS = {
    "Sign in": "تسجيل الدخول",
    "Email": "البريد الإلكتروني",
    "Password": "كلمة المرور",
    "Keep me signed in": "إبقائي مسجلاً الدخول",
    "Please enter your email and your password.": "يرجى إدخال البريد الإلكتروني وكلمة المرور.",
    "Create an account": "إنشاء حساب جديد",
    "Full name": "الاسم الكامل",
    "Confirm password": "تأكيد كلمة المرور",
    "Create account": "إنشاء الحساب!",
    "Please enter your email and a password.": "يرجى إدخال البريد الإلكتروني وكلمة مرور.",
}
auth = Authenticator()
if auth.user is None:
    with st.container(width=440):
        auth.login_form(labels=LABELS)
        auth.register_form(labels=LABELS)
else:
    st.text(f"مرحبا {auth.user.full_name}")
st.text("Beside it, English.")
