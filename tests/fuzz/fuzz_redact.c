/* Any text: what comes out is the same when it goes in again, no UTF-8 character is cut, and a planted
 * password is gone. */
#include <stddef.h>
#include <stdint.h>

#include "bot/mem.h"
#include "bot/redact.h"
#include "bot/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_copy_bytes(data, size);
	size_t length = strlen(text), count, again;
	struct mem mem = { 0 };
	char *once = redact(text, &count), *twice = redact(once, &again), *planted;

	must(strcmp(once, twice) == 0 && again == 0);
	must(count > 0 || strcmp(once, text) == 0);
	must(!str_utf8_valid(text, length) || str_utf8_valid(once, strlen(once)));
	/* On a line of its own: no quotation mark of the text can reach it. */
	planted = redact(mem_printf(&mem, "%s\n --password=PLANTED x", text), NULL);
	must(strstr(text, "PLANTED") != NULL || strstr(planted, "PLANTED") == NULL);
	free(planted);
	free(twice);
	free(once);
	free(text);
	mem_free_all(&mem);
	return 0;
}
