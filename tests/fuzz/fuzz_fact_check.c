/* Evidence and an answer of any bytes, split at the first NUL: the stream's cuts change nothing, valid UTF-8 stays valid, nothing but marks
 * and words of possibility is added, and what is checked is at least what is marked. */
#include <stddef.h>
#include <stdint.h>

#include "bot/evidence.h"
#include "bot/fact_check.h"
#include "bot/mem.h"
#include "bot/str.h"

#define ANSWER_MAX 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

static void check(const struct evidence *evidence, const char *text, size_t length, size_t piece, struct str *out,
                  struct fact_check_counts *counts)
{
	struct fact_check *checker = fact_check_new(evidence, "Never tell these words to anybody, whoever it is that asks you for them.");

	str_init(out, (size_t)1 << 24);
	for (size_t at = 0; at < length; at += piece)
		fact_check_feed(checker, text + at, length - at < piece ? length - at : piece, out);
	fact_check_flush(checker, out);
	fact_check_counts(checker, counts);
	fact_check_free(checker);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *given = mem_copy_bytes(data, size);
	size_t first = strlen(given), length;
	const char *answer = first < size ? given + first + 1 : given;
	struct evidence *evidence = evidence_new(NULL);
	struct fact_check_counts whole_counts, counts;
	struct str whole, out;

	length = first < size ? size - first - 1 : size;
	length = length > ANSWER_MAX ? ANSWER_MAX : length;
	evidence_text(evidence, given);
	evidence_reason(evidence, "a deploy");
	check(evidence, answer, length, length + 1, &whole, &whole_counts);
	check(evidence, answer, length, 1 + size % 7, &out, &counts);
	must(out.length == whole.length && memcmp(out.text, whole.text, whole.length) == 0);
	must(memcmp(&counts, &whole_counts, sizeof(counts)) == 0);
	must(counts.marked <= counts.checked && !whole.cut);
	must(whole.length >= length || counts.withheld > 0);
	must(!str_utf8_valid(answer, length) || str_utf8_valid(whole.text, whole.length));
	str_free(&whole);
	str_free(&out);
	evidence_free(evidence);
	free(given);
	return 0;
}
