"""Who has what at the desk: taking and assigning submissions, bulletins and questions, and handing a shift over."""
