"""What ./go bench measures. A bench gives figures, one at a time; each says whether it is met."""
