"""The office: calls, call sheets, publishing, who knows, and what collided."""
