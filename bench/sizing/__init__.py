"""What a year of people takes of disk, processors and connections, from what each of their actions takes."""
