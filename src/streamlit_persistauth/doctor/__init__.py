"""What is wrong with a deployment, found without running the app."""
