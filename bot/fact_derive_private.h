/* fact_derive_private.h - values at work, for bot/fact_derive.c and bot/fact_share.c. */
#ifndef BOT_FACT_DERIVE_PRIVATE_H
#define BOT_FACT_DERIVE_PRIVATE_H

#include "bot/fact_judge_private.h"

#define FACT_DERIVE_VALUES_MAX 64

struct values {
	struct value items[FACT_DERIVE_VALUES_MAX];
	size_t count;
};

/* Whether the claim's reading is that value; half: how exactly the value is known. */
bool fact_derive_makes(const struct fact *claim, size_t reading, double value, double half);
/* Whether the claim is what two values make of each other: a ratio, a change, a difference; shares: or a part. */
bool fact_derive_pair(const struct fact *claim, const struct value *a, const struct value *b, bool shares);
/* A part of a greater one, or of both together, in percent. */
bool fact_derive_share(const struct fact *claim, size_t reading, const struct value *a, const struct value *b);

/* fact_share.c: percentages that are a part of a whole; of counts of lines that are called alike, or of one text. */
bool fact_share(const struct fact_judge *judge, const char *text, size_t length, const struct fact *claim,
		const struct values *own, const struct evidence_context *context);
/* "2,871 were of A, 71 %": of the count right before it; *decided: the sentence has its whole, so of nothing else. */
bool fact_share_of_before(const struct fact_judge *judge, const char *text, size_t length, size_t index,
			  const struct values *own, bool *decided);
/* What is left out of the greater one: "43 % are missing". */
bool fact_share_lost(const struct fact *claim, const char *text, size_t length, const struct values *values);
/* How steep a named line is over all: "falls by 1 GB a day". */
bool fact_share_slope(const struct fact_judge *judge, const struct fact *claim, const struct evidence_context *context);
/* fact_sum.c: what other counts of the sentence, or of the one that it refers to, make together. */
bool fact_sum(const struct fact_judge *judge, const char *text, size_t length, size_t index);
/* Whether a sentence that compares something tells a figure of the paragraph again. */
bool fact_sum_is_told_again(const struct fact_judge *judge, const char *text, size_t length, size_t index);
/* "Grew from 4,032 s to 6,722 s, by 2,690 s", "from 949 s at 15:00 to 1,642 s at 16:00 it gained 693 s": whether a
 * change is the difference of the two figures right before it. */
bool fact_sum_is_difference(const struct fact_judge *judge, size_t index);
/* fact_rows.c: what rows of one text make together, by what the sentence names of them. */
bool fact_rows(const struct fact_judge *judge, const char *text, size_t length, size_t index);
/* fact_exceed.c: how far what was told is beyond the limit that stands behind the claim. */
bool fact_exceed(const struct fact_judge *judge, const char *text, size_t length, size_t index);
/* An amount by the stretch that it took, and how long at that pace the rest takes: where the words speak of a pace. */
bool fact_pace(const struct fact_judge *judge, const char *text, size_t length, size_t index);
/* "A failed 3.1 times as often as B": of two rows of one text that the words name. */
bool fact_share_rows(const struct fact_judge *judge, const char *text, size_t length, const struct fact *claim);

#endif
