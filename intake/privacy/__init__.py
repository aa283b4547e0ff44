"""What a person may ask of a site: a copy of everything, and erasure; it decides nothing about an expression."""
