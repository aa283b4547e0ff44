"""The commands of `intake`, one module a room; `intake.cli` puts them together."""
