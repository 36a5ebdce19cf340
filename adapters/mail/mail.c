#include "adapters/mail/mail.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/client.h"
#include "bot/arn.h"
#include "bot/mem.h"
#include "bot/str.h"

#define MAX_MESSAGE ((size_t)256 << 10) /* SNS: in bytes */
#define MAX_BODY ((size_t)4 << 20)      /* the same, each byte percent-encoded */
#define NOTE "\n\n(cut here: SNS takes no more than 256 KiB)\n"

static const struct aws_service service = { "sns", "sns", "sns", AWS_QUERY, "2010-03-31", false };

struct sending {
	bool no_topic;
	struct done done;
};

static void sent(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct sending *sending = arg;
	struct err why;

	(void)answer;
	if (err != NULL && err->kind == ERR_REFUSED && sending->no_topic) {
		(void)err_set(&why, ERR_REFUSED, "the mail topic is no ARN of an SNS topic: correct mail.topic");
		err = &why;
	}
	sending->done.fn(sending->done.arg, err);
	free(sending);
}

static void add_field(struct str *body, const char *name, const char *value, size_t length)
{
	str_addf(body, "&%s=", name);
	str_add_percent(body, value, length);
}

static void add_message(struct str *body, const char *text)
{
	size_t length = strlen(text);

	if (length <= MAX_MESSAGE) {
		add_field(body, "Message", text, length);
		return;
	}
	add_field(body, "Message", text, str_utf8_prefix(text, length, MAX_MESSAGE - strlen(NOTE)));
	str_add_percent(body, NOTE, strlen(NOTE));
}

/* What is no ARN has no region, and a call without one is refused before it goes anywhere. */
void mail_send(struct aws *aws, const char *topic, const char *subject, const char *text, struct done done)
{
	struct sending *sending = mem_alloc(sizeof(*sending));
	char line[MAIL_SUBJECT_SIZE];
	struct arn arn;
	struct str body;

	sending->done = done;
	sending->no_topic = !arn_split(topic, &arn) || strcmp(arn.service, "sns") != 0;
	if (sending->no_topic)
		memset(&arn, 0, sizeof(arn));
	mail_subject(subject, line);
	str_init(&body, MAX_BODY);
	add_field(&body, "TopicArn", topic, strlen(topic));
	add_field(&body, "Subject", line, strlen(line));
	add_message(&body, *text != '\0' ? text : line);
	aws_call(aws, &(struct aws_request){
		.service = &service, .operation = "Publish", .target = { arn.account, arn.region }, .body = body.text,
	}, sent, sending);
	str_free(&body);
}
