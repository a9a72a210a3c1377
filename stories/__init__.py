"""What people and organisations around a campaign bring: ways to help."""
