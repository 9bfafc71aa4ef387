"""The bell: notices on their way to phones, by web push."""
