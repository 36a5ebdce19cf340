/* The findings of all looks in one order: what is abnormal first, of that what the question is about. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "commands/briefing_private.h"

static bool is_suiting(const struct briefing *briefing, size_t look, const struct finding *finding)
{
	const struct dashboard_data *data = briefing->looks[look].data;

	return briefing_suits(briefing, look, data->subjects[finding->subject].metric) ||
	       (finding->other != FINDING_NONE &&
	        briefing_suits(briefing, look, data->subjects[finding->other].metric));
}

static int compare(const void *a, const void *b)
{
	const struct briefing_finding *x = a, *y = b;
	bool abnormal = finding_is_abnormal(x->finding->kind);

	if (abnormal != finding_is_abnormal(y->finding->kind))
		return abnormal ? -1 : 1;
	if (x->suits != y->suits)
		return x->suits ? -1 : 1;
	if (x->finding->strength < y->finding->strength || x->finding->strength > y->finding->strength)
		return x->finding->strength > y->finding->strength ? -1 : 1;
	if (x->look != y->look)
		return x->look < y->look ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

size_t briefing_findings(const struct briefing *briefing, struct briefing_finding **list)
{
	size_t count = 0, next = 0;

	for (size_t i = 0; i < briefing->look_count; i++)
		count += briefing->looks[i].data->findings.count;
	*list = mem_alloc((count + 1) * sizeof(**list));
	for (size_t i = 0; i < briefing->look_count; i++) {
		struct findings *findings = &briefing->looks[i].data->findings;

		for (size_t k = 0; k < findings->count; k++)
			(*list)[next++] = (struct briefing_finding){
				.look = i,
				.index = k,
				.finding = &findings->items[k],
				.suits = is_suiting(briefing, i, &findings->items[k]),
			};
	}
	qsort(*list, count, sizeof(**list), compare);
	return count;
}

void briefing_number_findings(struct briefing *briefing)
{
	struct briefing_finding *list;
	size_t count = briefing_findings(briefing, &list);

	for (size_t i = 0; i < count; i++)
		(void)snprintf(list[i].finding->id, sizeof(list[i].finding->id), "F%u",
		               (unsigned)(i + 1) % 1000000);
	free(list);
}
