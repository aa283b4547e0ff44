"""What must survive: processes killed, databases and disks that fail, wrong clocks, crowds and slow visitors."""
