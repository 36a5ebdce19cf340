#include "commands/ask_told.h"

#include "bot/evidence.h"
#include "bot/fence.h"
#include "bot/json.h"
#include "bot/str.h"
#include "commands/briefing.h"
#include "commands/conversation.h"
#include "commands/model_call.h"

#define TEXT_MAX (128u << 10)   /* of a message to the model */
#define REDUCED_MAX (12u << 10) /* of the data, when the model could not take all */
#define INCIDENT_MAX 4000
#define QUESTION_MAX (12u << 10)

/* Reduced: the first part, which says what matters most. */
static void add_data(const struct ask_told *told, struct str *text)
{
	struct str data;

	str_init(&data, told->reduced ? REDUCED_MAX : TEXT_MAX / 2);
	briefing_add_text(told->briefing, told->fence, &data);
	str_add(text, data.text);
	if (data.cut)
		str_addf(text, "\n>>>end %s\n(There was more data than you can take.)\n", told->fence);
	str_free(&data);
}

static void add_question(struct ask_told *told)
{
	struct json_object *content = json_new_array();
	struct str text;

	str_init(&text, TEXT_MAX);
	str_addf(&text, "The lines around each piece of data carry the word %s.\n", told->fence);
	add_data(told, &text);
	if (told->incident != NULL)
		fence_add(&text, told->fence, "the incident that this thread is about", told->incident, INCIDENT_MAX);
	fence_add(&text, told->fence, "question", told->question, QUESTION_MAX);
	model_call_append_text(content, text.text);
	json_append(told->messages, model_call_message("user", content));
	str_free(&text);
}

static void collect_evidence(const struct ask_told *told, struct evidence *evidence)
{
	briefing_add_evidence(told->briefing, evidence);
	evidence_text(evidence, told->question);
	if (told->incident != NULL)
		evidence_text(evidence, told->incident);
	if (told->earlier != NULL)
		conversation_add_evidence(told->earlier, evidence);
}

void ask_told_make(void *arg, struct evidence *evidence)
{
	struct ask_told *told = arg;

	told->messages = told->earlier == NULL || told->reduced ? json_new_array()
	                                                        : conversation_messages(told->earlier, told->fence);
	if (!told->reduced)
		collect_evidence(told, evidence);
	add_question(told);
}
