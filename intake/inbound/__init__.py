"""Mail that comes in: whence it is taken, what it is for, and what is kept of it; it has no page of its own."""
