"""What is told to whom: composing letters, the outbox that keeps them, and delivery."""
