/*
 * err.h - why something failed, as a value that the caller owns.
 *
 * A fallible synchronous function returns bool and fills *err on false. An asynchronous one
 * completes a `struct done` with NULL (it worked) or a borrowed struct err.
 */
#ifndef BOT_ERR_H
#define BOT_ERR_H

#include <stdbool.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF(a, b) __attribute__((format(printf, a, b)))

/* What a caller may branch on. The three outcomes of a remote effect are kept apart on purpose. */
enum err_kind {
	ERR_NONE,
	ERR_USAGE,     /* the input is wrong: say what, where, and what to do */
	ERR_NOT_FOUND, /* asked for, and not there */
	ERR_CONFLICT,  /* a condition on the journal did not hold */
	ERR_RETRY,     /* certainly did not happen; may be tried again (see retry_after_ms) */
	ERR_UNKNOWN,   /* may or may not have happened: look before doing it again */
	ERR_REFUSED,   /* the other side said no for good */
	ERR_LOCAL,     /* this machine failed: disk, memory limit, descriptors */
	ERR_CANCELLED, /* given up by us: shutdown, cancelled flow */
};

struct err {
	enum err_kind kind;
	int64_t retry_after_ms; /* with ERR_RETRY: the peer's own wish, 0 when it had none */
	char text[256];         /* one line that may be shown in chat: no secrets; valid UTF-8 */
};

/* Fill *err and return false, so that `return err_set(...)` reads as the failure it is. */
bool err_set(struct err *err, enum err_kind kind, const char *format, ...) PRINTF(3, 4);

/* Of a system call that failed before it had any effect: ERR_RETRY while this machine is short of something that comes
 * back by itself (descriptors, memory, processes), else `otherwise`. */
enum err_kind err_kind_of_errno(int error, enum err_kind otherwise);

/* The kind as a lower-case word for logs and metrics: "retry", "refused"... */
const char *err_kind_name(enum err_kind kind);

/*
 * The end of one asynchronous operation. It is completed exactly once, on the loop thread, and
 * never before the call that took it has returned. `err` is NULL on success, else borrowed.
 */
struct done {
	void (*fn)(void *arg, const struct err *err);
	void *arg;
};

#endif
