/* Causes: claimed as certain, they need a reason in the evidence; else the words become those of a possibility.
 */
#include <string.h>
#include <strings.h>

#include "bot/fact_check_private.h"
#include "bot/fact_private.h"

#define DOWN_WITHIN 32 /* bytes: "brought checkout down" */

enum side { CAUSE_BEHIND, CAUSE_BEFORE };

static const struct phrase {
	const char *words;
	const char *softened; /* what stands there instead */
	enum side side;       /* where the cause is told */
} phrases[] = {
	{ "because of", "possibly because of", CAUSE_BEHIND },
	{ "because", "possibly because", CAUSE_BEHIND },
	{ "caused by", "possibly caused by", CAUSE_BEHIND },
	{ "due to", "possibly due to", CAUSE_BEHIND },
	{ "owing to", "possibly owing to", CAUSE_BEHIND },
	{ "as a result of", "possibly as a result of", CAUSE_BEHIND },
	{ "as a consequence of", "possibly as a consequence of", CAUSE_BEHIND },
	{ "triggered by", "possibly triggered by", CAUSE_BEHIND },
	{ "driven by", "possibly driven by", CAUSE_BEHIND },
	{ "attributable to", "possibly attributable to", CAUSE_BEHIND },
	{ "explained by", "possibly explained by", CAUSE_BEHIND },
	{ "stems from", "possibly stems from", CAUSE_BEHIND },
	{ "stemmed from", "possibly stemmed from", CAUSE_BEHIND },
	{ "stem from", "possibly stem from", CAUSE_BEHIND },
	{ "is the result of", "is possibly the result of", CAUSE_BEHIND },
	{ "are the result of", "are possibly the result of", CAUSE_BEHIND },
	{ "was the result of", "was possibly the result of", CAUSE_BEHIND },
	{ "were the result of", "were possibly the result of", CAUSE_BEHIND },
	{ "is a result of", "is possibly a result of", CAUSE_BEHIND },
	{ "is a consequence of", "is possibly a consequence of", CAUSE_BEHIND },
	{ "resulted from", "possibly resulted from", CAUSE_BEHIND },
	{ "results from", "possibly results from", CAUSE_BEHIND },
	{ "brought on by", "possibly brought on by", CAUSE_BEHIND },
	{ "thanks to", "possibly thanks to", CAUSE_BEHIND },
	{ "cause is", "cause is possibly", CAUSE_BEHIND },
	{ "cause was", "cause was possibly", CAUSE_BEHIND },
	{ "reason is", "reason is possibly", CAUSE_BEHIND },
	{ "reason was", "reason was possibly", CAUSE_BEHIND },
	{ "culprit is", "culprit is possibly", CAUSE_BEHIND },
	{ "culprit was", "culprit was possibly", CAUSE_BEHIND },
	{ "cause:", "possible cause:", CAUSE_BEHIND },
	{ "cause:**", "cause (possibly):**", CAUSE_BEHIND },
	{ "comes from a", "possibly comes from a", CAUSE_BEHIND },
	{ "comes from an", "possibly comes from an", CAUSE_BEHIND },
	{ "come from a", "possibly come from a", CAUSE_BEHIND },
	{ "come from an", "possibly come from an", CAUSE_BEHIND },
	{ "as a consequence", "possibly as a consequence", CAUSE_BEFORE },
	{ "traced back to", "possibly traced back to", CAUSE_BEHIND },
	{ "traces back to", "possibly traces back to", CAUSE_BEHIND },
	{ "on account of", "possibly on account of", CAUSE_BEHIND },
	{ "is down to", "is possibly down to", CAUSE_BEHIND },
	{ "therefore", "possibly therefore", CAUSE_BEFORE },
	{ "hence", "possibly hence", CAUSE_BEFORE },
	{ "consequently", "possibly consequently", CAUSE_BEFORE },
	{ "as a result", "possibly as a result", CAUSE_BEFORE },
	{ "that is how", "that is possibly how", CAUSE_BEFORE },
	{ "is behind the", "is possibly behind the", CAUSE_BEFORE },
	{ "is behind this", "is possibly behind this", CAUSE_BEFORE },
	{ "is behind it", "is possibly behind it", CAUSE_BEFORE },
	{ "is behind these", "is possibly behind these", CAUSE_BEFORE },
	{ "are behind the", "are possibly behind the", CAUSE_BEFORE },
	{ "are behind this", "are possibly behind this", CAUSE_BEFORE },
	{ "are behind it", "are possibly behind it", CAUSE_BEFORE },
	{ "are behind these", "are possibly behind these", CAUSE_BEFORE },
	{ "was behind the", "was possibly behind the", CAUSE_BEFORE },
	{ "was behind this", "was possibly behind this", CAUSE_BEFORE },
	{ "was behind it", "was possibly behind it", CAUSE_BEFORE },
	{ "was behind these", "was possibly behind these", CAUSE_BEFORE },
	{ "were behind the", "were possibly behind the", CAUSE_BEFORE },
	{ "were behind this", "were possibly behind this", CAUSE_BEFORE },
	{ "were behind it", "were possibly behind it", CAUSE_BEFORE },
	{ "were behind these", "were possibly behind these", CAUSE_BEFORE },
	{ "fixed it", "possibly fixed it", CAUSE_BEFORE },
	{ "fixed the", "possibly fixed the", CAUSE_BEFORE },
	{ "resolved it", "possibly resolved it", CAUSE_BEFORE },
	{ "resolved the", "possibly resolved the", CAUSE_BEFORE },
	{ "solved it", "possibly solved it", CAUSE_BEFORE },
	{ "solved the", "possibly solved the", CAUSE_BEFORE },
	{ "cured", "possibly cured", CAUSE_BEFORE },
	{ "broke", "possibly broke", CAUSE_BEFORE },
	{ "knocked out", "possibly knocked out", CAUSE_BEFORE },
	{ "took down", "possibly took down", CAUSE_BEFORE },
	{ "was the problem", "was possibly the problem", CAUSE_BEFORE },
	{ "is the problem", "is possibly the problem", CAUSE_BEFORE },
	{ "was the culprit", "was possibly the culprit", CAUSE_BEFORE },
	{ "is the culprit", "is possibly the culprit", CAUSE_BEFORE },
	{ "was the trigger", "was possibly the trigger", CAUSE_BEFORE },
	{ "is the trigger", "is possibly the trigger", CAUSE_BEFORE },
	{ "was to blame", "was possibly to blame", CAUSE_BEFORE },
	{ "are to blame", "are possibly to blame", CAUSE_BEFORE },
	{ "explain the", "possibly explain the", CAUSE_BEFORE },
	{ "pushed", "possibly pushed", CAUSE_BEFORE },
	{ "led to", "possibly led to", CAUSE_BEFORE },
	{ "leads to", "possibly leads to", CAUSE_BEFORE },
	{ "leading to", "possibly leading to", CAUSE_BEFORE },
	{ "resulted in", "possibly resulted in", CAUSE_BEFORE },
	{ "results in", "possibly results in", CAUSE_BEFORE },
	{ "resulting in", "possibly resulting in", CAUSE_BEFORE },
	{ "caused", "possibly caused", CAUSE_BEFORE },
	{ "causes", "possibly causes", CAUSE_BEFORE },
	{ "causing", "possibly causing", CAUSE_BEFORE },
	{ "triggered", "possibly triggered", CAUSE_BEFORE },
	{ "drove", "possibly drove", CAUSE_BEFORE },
	{ "explains", "possibly explains", CAUSE_BEFORE },
	{ "is the reason for", "is possibly the reason for", CAUSE_BEFORE },
	{ "was the reason for", "was possibly the reason for", CAUSE_BEFORE },
	{ "brought down", "possibly brought down", CAUSE_BEFORE },
	{ "is responsible for", "is possibly responsible for", CAUSE_BEFORE },
	{ "was responsible for", "was possibly responsible for", CAUSE_BEFORE },
	{ "is the cause", "is possibly the cause", CAUSE_BEFORE },
	{ "was the cause", "was possibly the cause", CAUSE_BEFORE },
	{ "is the root cause", "is possibly the root cause", CAUSE_BEFORE },
	{ "was the root cause", "was possibly the root cause", CAUSE_BEFORE },
	{ "is to blame", "is possibly to blame", CAUSE_BEFORE },
	{ "is why", "is possibly why", CAUSE_BEFORE },
	{ "made", "possibly made", CAUSE_BEFORE },
	{ "makes", "possibly makes", CAUSE_BEFORE },
	{ "forced", "possibly forced", CAUSE_BEFORE },
	{ "brought", "possibly brought", CAUSE_BEFORE },
	{ "since", "possibly since", CAUSE_BEHIND },
	{ "weil", "möglicherweise weil", CAUSE_BEHIND },
	{ "wegen", "möglicherweise wegen", CAUSE_BEHIND },
	{ "aufgrund", "möglicherweise aufgrund", CAUSE_BEHIND },
	{ "verursacht durch", "möglicherweise verursacht durch", CAUSE_BEHIND },
	{ "verursacht", "möglicherweise verursacht", CAUSE_BEFORE },
	{ "ausgelöst durch", "möglicherweise ausgelöst durch", CAUSE_BEHIND },
	{ "führte zu", "führte möglicherweise zu", CAUSE_BEFORE },
	{ "Ursache ist", "Ursache ist möglicherweise", CAUSE_BEHIND },
	{ "Ursache war", "Ursache war möglicherweise", CAUSE_BEHIND },
	{ "parce que", "peut-être parce que", CAUSE_BEHIND },
	{ "à cause d", "peut-être à cause d", CAUSE_BEHIND },
	{ "en raison d", "peut-être en raison d", CAUSE_BEHIND },
	{ "dû à", "peut-être dû à", CAUSE_BEHIND },
	{ "due à", "peut-être due à", CAUSE_BEHIND },
	{ "causé par", "peut-être causé par", CAUSE_BEHIND },
	{ "causée par", "peut-être causée par", CAUSE_BEHIND },
	{ "provoqué par", "peut-être provoqué par", CAUSE_BEHIND },
	{ "a entraîné", "a peut-être entraîné", CAUSE_BEFORE },
	{ "cause est", "cause est peut-être", CAUSE_BEHIND },
	{ "porque", "posiblemente porque", CAUSE_BEHIND },
	{ "debido a", "posiblemente debido a", CAUSE_BEHIND },
	{ "a causa de", "posiblemente a causa de", CAUSE_BEHIND },
	{ "causado por", "posiblemente causado por", CAUSE_BEHIND },
	{ "causada por", "posiblemente causada por", CAUSE_BEHIND },
	{ "provocó", "posiblemente provocó", CAUSE_BEFORE },
	{ "causa es", "causa es posiblemente", CAUSE_BEHIND },
	{ "devido a", "possivelmente devido a", CAUSE_BEHIND },
	{ "devido ao", "possivelmente devido ao", CAUSE_BEHIND },
	{ "por causa d", "possivelmente por causa d", CAUSE_BEHIND },
	{ "causou", "possivelmente causou", CAUSE_BEFORE },
	{ "provocou", "possivelmente provocou", CAUSE_BEFORE },
	{ "causa é", "causa é possivelmente", CAUSE_BEHIND },
	{ "が原因", "がおそらく原因", CAUSE_BEFORE },
	{ "原因は", "考えられる原因は", CAUSE_BEHIND },
	{ "のため", "のためか", CAUSE_BEFORE },
	{ "のせいで", "のせいか", CAUSE_BEFORE },
	{ "により", "によるものか", CAUSE_BEFORE },
};

/* What says already that it is not certain, or that it is not so. */
static const char *const hedges[] = { "possibly",
				      "possible",
				      "probably",
				      "probable",
				      "may",
				      "might",
				      "could",
				      "likely",
				      "perhaps",
				      "maybe",
				      "appears",
				      "seems",
				      "suggests",
				      "suggest",
				      "whether",
				      "if",
				      "unclear",
				      "unknown",
				      "cannot",
				      "can't",
				      "not",
				      "no",
				      "never",
				      "hypothesis",
				      "suspect",
				      "suspected",
				      "potentially",
				      "isn't",
				      "wasn't",
				      "möglicherweise",
				      "vielleicht",
				      "wahrscheinlich",
				      "könnte",
				      "nicht",
				      "kein",
				      "peut-être",
				      "probablement",
				      "pourrait",
				      "pas",
				      "posiblemente",
				      "quizás",
				      "podría",
				      "probablemente",
				      "possivelmente",
				      "talvez",
				      "provavelmente",
				      "pode",
				      "não",
				      "nobody",
				      "neither",
				      "nor",
				      "what",
				      "why",
				      "unlikely",
				      "correlates",
				      "correlated",
				      "potential",
				      "apparently",
				      "presumably",
				      "vermutlich",
				      NULL };

/* "since the cache was cold", not "since 09:05" or "since it began". */
static bool is_since_of_cause(const struct fact_cursor *cursor, size_t at)
{
	static const char *const verbs[] = { "was", "were", "is", "are", "had", "wasn", "weren", "isn", NULL };
	bool has_verb = false;

	for (size_t end = at; end < cursor->length && strchr(",;:.\n", cursor->text[end]) == NULL; end++) {
		if (fact_is_digit(cursor->text[end]))
			return false;
		has_verb = has_verb || (cursor->text[end] == ' ' &&
					fact_word_is(cursor, end + 1, fact_word_length(cursor, end + 1), verbs));
	}
	return has_verb;
}

/* "Payouts made", "changes were made", "brought back": no cause is told by these. */
static bool is_idle(const struct fact_cursor *cursor, size_t at, size_t size)
{
	static const char *const before[] = { "was", "were",  "been",    "is",     "are", "be",
					      "get", "being", "changes", "change", NULL };
	static const char *const whom[] = { "the", "it", "its", "them", "their", "all", "everything", "these", "this",
					    "every", "each", "our", "some", "many", "most", "both", NULL };
	size_t length, word = fact_word_before(cursor, at, &length), next = fact_skip_space(cursor, at + size);
	bool brought = fact_stands(cursor, at, "brought", true);

	if (fact_stands(cursor, at, "since", true))
		return !is_since_of_cause(cursor, at + size);
	if (!brought && !fact_stands(cursor, at, "made", true) && !fact_stands(cursor, at, "makes", true) &&
	    !fact_stands(cursor, at, "forced", true))
		return false;
	for (size_t i = next; brought && i < cursor->length && i < next + DOWN_WITHIN; i++)
		if (fact_stands(cursor, i, " down", true))
			return false;
	if (brought || (length > 0 && fact_word_is(cursor, word, length, before)))
		return true;
	length = fact_word_length(cursor, next);
	return fact_char(cursor, next) != '`' && fact_char(cursor, next + length) != '-' &&
	       !fact_word_is(cursor, next, length, whom);
}

static const struct phrase *phrase_at(const struct fact_cursor *cursor, size_t at, size_t *length)
{
	const struct phrase *best = NULL;

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		const char *words = phrases[i].words;
		size_t size = strlen(words);
		char last = words[size - 1];
		bool whole = (unsigned char)words[0] < 0xE3 && last != ':' && last != '*' &&
			     strcmp(words + size - 2, " d") != 0;

		if (!fact_stands(cursor, at, words, whole) || (best != NULL && size < *length))
			continue;
		best = &phrases[i];
		*length = size;
	}
	return best;
}

/* Hedged in the words right before, within the same clause. */
static bool is_hedged(const struct fact_cursor *cursor, size_t at)
{
	size_t begin = at, length;

	for (int i = 0; i < 6; i++) {
		size_t word = fact_word_before(cursor, begin, &length);

		if (length == 0)
			return false;
		/* fact_word_before knows letters only: "can't" ends with "t". */
		if (fact_word_is(cursor, word, length, hedges))
			return true;
		if (word >= 1 && (cursor->text[word - 1] == '\'' || cursor->text[word - 1] == '-'))
			return fact_stands(cursor, word, "t", true) || fact_stands(cursor, word, "être", true);
		begin = word;
	}
	return false;
}

/* Whether a metric is called by that word: such a word names what is seen, not yet what was done. */
static bool is_of_metric(const struct evidence *evidence, uint32_t word)
{
	for (size_t i = 0; i < evidence->subject_count; i++)
		for (size_t j = 0; j < evidence->subjects[i].count && evidence->subjects[i].has_line; j++)
			if (evidence->subjects[i].words[j] == word)
				return true;
	return false;
}

/* "because requests nearly doubled": how it moved is no word of the reason. */
static size_t telling_words(const struct evidence_words *words)
{
	static const char how[] = "nearly almost roughly doubled tripled increased increase increasing growth "
				  "grew growing climbed dropped decreased surged surge jumped jump spike "
				  "spiked strongly sharply";
	struct evidence_words idle;
	size_t count = 0;

	evidence_words_read(&idle, how, sizeof(how) - 1);
	for (size_t i = 0; i < words->count; i++)
		count += evidence_words_have(&idle, words->words[i]) ? 0 : 1;
	return count;
}

/* "deploy", "update": what was done, which is a reason's own word. */
static bool is_of_change(uint32_t word)
{
	static const char done[] = "deploy restart update change modify modified reboot terminate scale scaling create "
				   "delete put patch configuration parameter policy rollback";
	struct evidence_words words;

	evidence_words_read(&words, done, sizeof(done) - 1);
	return evidence_words_have(&words, word);
}

/* A reason stands behind what is told when it has a word of it that says what was done (deploy, restart), two that no
 * metric is called by, or else half of its words: "a bad kafka broker" is not the "kafka consumer lag" that moves
 * together with something. */
static bool has_reason(const struct evidence *evidence, const char *text, size_t from, size_t to)
{
	struct evidence_words words;
	size_t telling;

	evidence_words_read(&words, text + from, to - from);
	telling = telling_words(&words);
	for (size_t i = 0; i < evidence->reason_count; i++) {
		size_t shared = 0, own = 0;

		for (size_t j = 0; j < words.count; j++) {
			if (!evidence_words_have(&evidence->reasons[i].words, words.words[j]))
				continue;
			own += is_of_metric(evidence, words.words[j]) ? 0 : 1;
			if (is_of_change(words.words[j]))
				return true;
			shared++;
		}
		if (own > 1 || (shared > 0 && shared * 2 >= telling))
			return true;
	}
	return false;
}

/* The cause is told up to the next comma: "because the cache was cold, answers were slow". */
static void cut_clause(const struct fact_cursor *cursor, size_t at, bool behind, size_t *from, size_t *to)
{
	for (size_t i = *from; behind && i < *to; i++)
		if (i > at && strchr(",;:(", cursor->text[i]) != NULL &&
		    !fact_is_digit(fact_char(cursor, i + 1))) {
			*to = i;
			return;
		}
	for (size_t i = *to; !behind && i > *from; i--)
		if (strchr(";:", cursor->text[i - 1]) != NULL && !fact_is_digit(fact_char(cursor, i))) {
			*from = i;
			return;
		}
}

static bool is_word_begin(const struct fact_cursor *cursor, size_t at)
{
	char before = at == 0 ? ' ' : cursor->text[at - 1];

	return (unsigned char)cursor->text[at] >= 0xE3 || (!fact_is_letter(before) && !fact_is_digit(before));
}

/* Speaks of what it can see: "I cannot tell because no data was read". */
static bool is_about_itself(const struct fact_cursor *cursor, size_t from, size_t to)
{
	struct fact_cursor part = { cursor->text + from, to - from, 0 };
	static const char *const words[] = { "no data",  "not available", "missing data",
					     "not read", "were not",      "was not given",
					     NULL };

	for (size_t at = 0; at < part.length; at++)
		for (size_t i = 0; words[i] != NULL; i++)
			if (fact_stands(&part, at, words[i], false))
				return true;
	return false;
}

size_t fact_cause_soften(const struct evidence *evidence, const char *text, size_t length,
			 struct fact_edits *edits)
{
	struct fact_cursor cursor = { text, length, 0 };
	size_t softened = 0, size = 0;

	if (length > 0 && memchr(text, '?', length) != NULL)
		return 0;
	for (size_t at = 0; at < length; at++) {
		const struct phrase *phrase;
		size_t from, to;

		if (!is_word_begin(&cursor, at) || (phrase = phrase_at(&cursor, at, &size)) == NULL ||
		    is_idle(&cursor, at, size))
			continue;
		from = phrase->side == CAUSE_BEHIND ? at + size : 0;
		to = phrase->side == CAUSE_BEHIND ? length : at;
		cut_clause(&cursor, at + size, phrase->side == CAUSE_BEHIND, &from, &to);
		if (!is_hedged(&cursor, at) && !is_about_itself(&cursor, from, to) &&
		    !has_reason(evidence, text, from, to)) {
			fact_edits_add(edits, (struct fact_edit) { at, at, size, phrase->softened });
			softened++;
		}
		at += size - 1;
	}
	return softened;
}

enum fact_cause fact_cause_at(const char *words, size_t length)
{
	enum fact_cause best = FACT_CAUSE_NONE;

	for (size_t at = 0; at < length && words[at] != ' '; at++) {
		if (at > 0 && fact_is_letter(words[at - 1]) && (unsigned char)words[at] < 0xE3)
			continue;
		for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
			size_t size = strlen(phrases[i].words), rest = length - at;

			if (rest >= size && strncasecmp(words + at, phrases[i].words, size) == 0)
				return FACT_CAUSE_TOLD;
			if (rest < size && strncasecmp(words + at, phrases[i].words, rest) == 0)
				best = FACT_CAUSE_BEGUN;
		}
	}
	return best;
}
