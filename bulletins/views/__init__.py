"""What people see of bulletins and answers, and where contributors give message input."""
