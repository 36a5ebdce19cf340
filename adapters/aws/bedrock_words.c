#include "adapters/aws/bedrock_words.h"

#include <string.h>

/* Of the API reference's errors of Converse and ConverseStream. */
static const struct {
	const char *code;
	enum err_kind kind;
	const char *words; /* behind the model's name */
} known[] = {
	{ "ThrottlingException", ERR_RETRY, "is throttled: ask again in a minute, or have its quota raised" },
	{ "ModelNotReadyException", ERR_RETRY, "is not ready yet: ask again in some minutes" },
	{ "ModelTimeoutException", ERR_RETRY, "took too long: ask again, or for less" },
	{ "ModelErrorException", ERR_RETRY, "failed: ask again" },
	{ "ModelStreamErrorException", ERR_RETRY, "failed in the middle of its answer: ask again" },
	{ "InternalServerException", ERR_RETRY, "was not run, Bedrock had an error of its own: ask again" },
	{ "ServiceUnavailableException", ERR_RETRY, "was not run, Bedrock is unavailable: ask again in a minute" },
	{ "ServiceQuotaExceededException", ERR_REFUSED, "is over a quota of the account: have it raised" },
	{ "ResourceNotFoundException", ERR_REFUSED, "is not known in this account and region: correct the model's id" },
};

/* Known by their messages only. */
static const struct {
	const char *code, *message, *words;
} refused[] = {
	{ "AccessDeniedException", "access to the model",
	  "may not be used by this account: ask for access to it in Bedrock's console" },
	{ "AccessDeniedException", "Model access is denied",
	  "may not be used by this account yet: see its access in Bedrock's console" },
	{ "ValidationException", "model identifier is invalid", "is no model of this region: correct the model's id" },
	{ "ValidationException", "on-demand throughput",
	  "is offered by inference profiles only: name one of those as the model" },
	{ "ValidationException", "too long", "cannot read so much at once: ask for less" },
	{ "ValidationException", "support tool use", "cannot use tools: choose another model" },
};

static const char *find(const struct aws_fault *fault, enum err_kind *kind)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (strcmp(fault->code, refused[i].code) == 0 &&
		    strcasestr(fault->message, refused[i].message) != NULL) {
			*kind = ERR_REFUSED;
			return refused[i].words;
		}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(fault->code, known[i].code) == 0) {
			*kind = known[i].kind;
			return known[i].words;
		}
	return NULL;
}

void bedrock_words(const struct aws_fault *fault, const char *model, bool bearer, struct err *err)
{
	enum err_kind kind = err->kind;
	int64_t retry_after_ms = err->retry_after_ms;
	const char *words = find(fault, &kind);

	if (words != NULL)
		(void)err_set(err, kind, "the model %.90s %s (%.40s)", model, words, fault->code);
	else if (bearer && (aws_fault_is_denied(fault) || fault->status == 401 || fault->status == 403))
		(void)err_set(err, ERR_REFUSED, "Bedrock refuses the key in AWS_BEARER_TOKEN_BEDROCK: %.40s: %.120s",
		              fault->code, fault->message);
	err->retry_after_ms = err->kind == ERR_RETRY ? retry_after_ms : 0;
}

void bedrock_words_in_stream(const struct aws_fault *fault, const char *model, struct err *err)
{
	(void)err_set(err, strcmp(fault->code, "ValidationException") == 0 ? ERR_REFUSED : ERR_RETRY,
	              "Bedrock broke off its answer: %.60s: %.120s", fault->code[0] != '\0' ? fault->code : "an error",
	              fault->message);
	bedrock_words(fault, model, false, err);
}

bool bedrock_refuses_form(const struct aws_fault *fault)
{
	enum err_kind kind;

	return strcmp(fault->code, "ValidationException") == 0 && find(fault, &kind) == NULL;
}

bool bedrock_model_ran(const struct aws_fault *fault)
{
	return strcmp(fault->code, "ModelErrorException") == 0 || strcmp(fault->code, "ModelTimeoutException") == 0;
}

/* Models that cannot stream, or not with tools, are refused as invalid and the message alone says why; streaming has
 * an IAM action of its own, too. */
bool bedrock_refuses_streaming(const struct aws_fault *fault)
{
	return (strcmp(fault->code, "ValidationException") == 0 && strcasestr(fault->message, "stream") != NULL) ||
	       (aws_fault_is_denied(fault) && strstr(fault->message, "InvokeModelWithResponseStream") != NULL);
}
