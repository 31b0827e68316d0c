"""One chained line per act and subject: history, audit trail and outbox in one."""
