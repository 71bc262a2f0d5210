"""What a browser sent with its connection, and what its Streamlit session remembers."""
