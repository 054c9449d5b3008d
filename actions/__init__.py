"""Rasa's custom actions: each reads the tracker, calls one function below and says what came back."""
