#include "tests/unit/support/fact_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bot/evidence.h"
#include "bot/fact_check.h"
#include "bot/str.h"

void fact_case_becomes(const struct evidence *evidence, const char *text, const char *expected)
{
	struct fact_check *check = fact_check_new(evidence, NULL);
	struct str out;

	str_init(&out, 1 << 20);
	fact_check_feed(check, text, strlen(text), &out);
	fact_check_flush(check, &out);
	fact_check_free(check);
	assert_string_equal(out.text, expected);
	str_free(&out);
}
