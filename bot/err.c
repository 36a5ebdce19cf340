#include "bot/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "bot/str.h"

bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
	va_list args;

	err->kind = kind;
	err->retry_after_ms = 0;
	va_start(args, format);
	(void)vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	str_utf8_mend(err->text);
	return false;
}

enum err_kind err_kind_of_errno(int error, enum err_kind otherwise)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM || error == EAGAIN ? ERR_RETRY : otherwise;
}

const char *err_kind_name(enum err_kind kind)
{
	switch (kind) {
	case ERR_NONE:
		return "none";
	case ERR_USAGE:
		return "usage";
	case ERR_NOT_FOUND:
		return "not_found";
	case ERR_CONFLICT:
		return "conflict";
	case ERR_RETRY:
		return "retry";
	case ERR_UNKNOWN:
		return "unknown";
	case ERR_REFUSED:
		return "refused";
	case ERR_LOCAL:
		return "local";
	case ERR_CANCELLED:
		return "cancelled";
	}
	return "invalid";
}
