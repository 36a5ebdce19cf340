/* Any bytes as the body of POST /sns: refused or read, never both, and bounded. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/sns/confirm.h"
#include "adapters/sns/key.h"
#include "adapters/sns/message.h"
#include "adapters/sns/signer.h"
#include "bot/arn.h"
#include "bot/str.h"

static void need(int good)
{
	if (!good)
		abort();
}

static void count(void *arg, const void *bytes, size_t length)
{
	(void)bytes;
	*(size_t *)arg += length;
}

static void check(const struct sns_message *message, size_t size)
{
	struct arn arn;
	size_t signed_length = 0;

	need(strlen(message->id) >= 1 && strlen(message->id) <= 128);
	need(strlen(message->topic) <= 512 && message->text_length <= size);
	need((message->token != NULL) == (message->type != SNS_NOTIFICATION));
	sns_message_signed_text(message, count, &signed_length);
	need(signed_length > message->text_length && signed_length < 8 * size + 256);
	if (arn_split(message->topic, &arn) &&
	    sns_signer_url_is_good(message->certificate_url, arn.region))
		need(str_starts(message->certificate_url, "https://sns.") &&
		     str_ends(message->certificate_url, ".pem"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sns_message message;
	struct sns_key *key;
	struct err err = { 0 };

	if (sns_message_parse(&message, (const char *)data, size, &err)) {
		check(&message, size);
		sns_message_free(&message);
	} else {
		need(err.kind == ERR_USAGE && err.text[0] != '\0');
	}
	free(sns_confirm_read_answer((const char *)data, size));
	key = sns_key_from_pem((const char *)data, size, "sns.amazonaws.com", 1772827200000LL, &err);
	sns_key_free(key);
	return 0;
}
