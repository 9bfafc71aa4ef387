"""The script: its drafts, what each changed, and the scenes they give the schedule."""
