"""The words of an app in Arabic."""

LABELS = {
    "Sign in": "تسجيل الدخول",
    "Invalid email or password.": "البريد الإلكتروني أو كلمة المرور غير صحيحة.",
    "Forgot your password?": "هل نسيت كلمة المرور؟",
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
