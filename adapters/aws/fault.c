#include "adapters/aws/fault.h"

#include <stdio.h>
#include <string.h>

#include "adapters/aws/xml.h"
#include "bot/json.h"

/* Copies what can be printed; the rest, and line ends, become spaces. */
static void copy_clean(char *out, size_t size, const char *text)
{
	size_t i = 0;

	for (; text != NULL && text[i] != '\0' && i + 1 < size; i++)
		out[i] = text[i] < ' ' || text[i] > '~' ? ' ' : text[i];
	out[i] = '\0';
}

/* "com.amazonaws.ssm#InvalidInstanceId:http://..." to "InvalidInstanceId": what stands behind a colon may
 * hold a '#' of its own. */
static void set_code(struct aws_fault *fault, const char *text)
{
	size_t length = strcspn(text, ":;");
	const char *hash = memrchr(text, '#', length);

	if (hash != NULL)
		length -= (size_t)(hash + 1 - text);
	text = hash != NULL ? hash + 1 : text;
	copy_clean(fault->code, length < sizeof(fault->code) ? length + 1 : sizeof(fault->code), text);
}

static const char *first_of(struct json_object *json, const char *const *paths)
{
	const char *found = NULL;

	for (; *paths != NULL && found == NULL; paths++)
		found = json_string(json, *paths);
	return found;
}

/* The header's name of the error is the newest of the three places; a service that once spoke the
 * query protocol keeps its old codes in another. */
static void read_json(struct aws_fault *fault, const char *body, size_t length, const struct aws_fault_headers *headers)
{
	static const char *const codes[] = { "__type", "code", "Code", NULL };
	static const char *const messages[] = { "message", "Message", "errorMessage", NULL };
	struct err err;
	struct json_object *json = json_parse(body, length, &err);
	const char *code = headers->query_error;

	if (code == NULL)
		code = headers->error_type;
	if (code == NULL)
		code = first_of(json, codes);
	if (code != NULL)
		set_code(fault, code);
	copy_clean(fault->message, sizeof(fault->message), first_of(json, messages));
	json_free(json);
}

/* ErrorResponse/Error of query, Response/Errors/Error of EC2, a bare Error of a few. */
static void read_xml(struct aws_fault *fault, const char *body, size_t length)
{
	static const char *const ids[] = { "RequestId", "RequestID", "ResponseMetadata.RequestId", NULL };
	const struct xml_node *root, *error;
	const char *code;
	struct err err;
	struct xml *xml = xml_parse(body, length, &err);

	if (xml == NULL)
		return;
	root = xml_root(xml);
	error = xml_get(root, "Error");
	if (error == NULL)
		error = xml_get(root, "Errors.Error");
	if (error == NULL)
		error = root;
	code = xml_text(error, "Code");
	if (code != NULL)
		set_code(fault, code);
	copy_clean(fault->message, sizeof(fault->message), xml_text(error, "Message"));
	for (size_t i = 0; ids[i] != NULL && fault->request_id[0] == '\0'; i++)
		copy_clean(fault->request_id, sizeof(fault->request_id), xml_text(root, ids[i]));
	xml_free(xml);
}

void aws_fault_read(struct aws_fault *fault, enum aws_protocol protocol, int status, const char *body,
                    size_t length, const struct aws_fault_headers *headers)
{
	memset(fault, 0, sizeof(*fault));
	fault->status = status;
	copy_clean(fault->request_id, sizeof(fault->request_id), headers->request_id);
	if (protocol == AWS_JSON_1_0 || protocol == AWS_JSON_1_1 || protocol == AWS_REST_JSON)
		read_json(fault, body, length, headers);
	else
		read_xml(fault, body, length);
}

/* --- kinds --- */

static bool is_among(const char *code, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(code, *list) == 0)
			return true;
	return false;
}

enum aws_fault_kind aws_fault_kind(const struct aws_fault *fault)
{
	static const char *const throttled[] = { "Throttling", "ThrottlingException", "ThrottledException",
		"RequestThrottledException", "TooManyRequestsException", "ProvisionedThroughputExceededException",
		"TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded",
		"LimitExceededException", "RequestThrottled", "SlowDown", "PriorRequestNotComplete",
		"EC2ThrottledException", NULL };
	static const char *const transient[] = { "RequestTimeout", "RequestTimeoutException",
		"IDPCommunicationError", "InternalError", "InternalServerError", "InternalFailure",
		"ServiceUnavailable", NULL };
	static const char *const skewed[] = { "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", NULL };
	static const char *const signature[] = { "InvalidSignatureException", "SignatureDoesNotMatch",
		"AuthFailure", NULL };
	/* The last three: rotated keys. The files are read again, once. */
	static const char *const expired[] = { "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId",
		"UnrecognizedClientException", "InvalidAccessKeyId", NULL };

	if (is_among(fault->code, throttled))
		return AWS_FAULT_THROTTLED;
	if (strcmp(fault->code, "ModelNotReadyException") == 0)
		return AWS_FAULT_NOT_READY; /* as the model of Bedrock says: retryable, no throttling */
	if (is_among(fault->code, skewed))
		return AWS_FAULT_SKEWED;
	if (is_among(fault->code, signature))
		return AWS_FAULT_SIGNATURE;
	if (is_among(fault->code, expired))
		return AWS_FAULT_EXPIRED;
	if (fault->status == 500 || fault->status == 502 || fault->status == 503 || fault->status == 504 ||
	    is_among(fault->code, transient))
		return AWS_FAULT_TRANSIENT;
	return fault->status == 429 && fault->code[0] == '\0' ? AWS_FAULT_THROTTLED : AWS_FAULT_FINAL;
}

bool aws_fault_is_denied(const struct aws_fault *fault)
{
	static const char *const denied[] = { "AccessDenied", "AccessDeniedException", "UnauthorizedOperation",
		"AuthorizationError", "AuthorizationErrorException", "NotAuthorized", NULL };

	return is_among(fault->code, denied);
}
