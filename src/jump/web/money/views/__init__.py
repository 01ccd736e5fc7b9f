"""What the money pages do: each view asks an engine and shows the answer."""
