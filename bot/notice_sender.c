/*
 * notice_sender.c - JSON that AWS services other than CloudWatch and EventBridge publish to SNS.
 *
 * Each reader looks for the members that only its sender has. Sources: the services' user guides
 * ("Auto Scaling SNS notifications", "RDS event message", "Approval action JSON format", "Run
 * Command SNS notifications", "ElastiCache event notifications", "CodeDeploy JSON data", "SES
 * notification contents").
 */
#include <string.h>
#include <strings.h>

#include "bot/alarm.h"
#include "bot/event_input.h"
#include "bot/event_text.h"
#include "bot/json.h"
#include "bot/notice.h"
#include "bot/str.h"

static struct notice *auto_scaling(const struct event_input *input)
{
	struct json_object *json = input->json;
	const char *service = json_string(json, "Service"), *event = json_string(json, "Event");
	const char *group = json_string(json, "AutoScalingGroupName");
	struct notice *notice;

	if ((service == NULL || strcmp(service, "AWS Auto Scaling") != 0) &&
	    (event == NULL || !str_starts(event, "autoscaling:")))
		return NULL;
	notice = notice_new(input, "Auto Scaling");
	if (event != NULL && strcmp(event, "autoscaling:TEST_NOTIFICATION") == 0)
		notice_title(notice, "Auto Scaling group %s: test notification",
		             group == NULL ? "?" : group);
	else if (json_string(json, "Description") != NULL)
		notice_title_from(notice, "Auto Scaling group {AutoScalingGroupName}: {Description}", json,
		                  NULL);
	else if (event != NULL)
		notice_title_from(notice,
		                  "Auto Scaling group {AutoScalingGroupName}: {Event} {EC2InstanceId}",
		                  json, NULL);
	else
		notice_title(notice, "%s", input->subject != NULL ? input->subject : "Auto Scaling");
	notice_severity(notice, notice_severity_of(event != NULL && strstr(event, "ERROR") != NULL
	                                               ? event : json_string(json, "StatusCode")));
	notice_set_text(notice, json_string(json, "Cause"));
	(void)event_time(json_string(json, "Time"), &notice->at_ms);
	notice_details_of(notice, json);
	return notice;
}

static struct notice *database(const struct event_input *input)
{
	struct json_object *json = input->json;
	const char *message = json_string(json, "Event Message"), *id = json_string(json, "Event ID");
	const char *from = json_string(json, "Event Source"), *what = json_string(json, "Source ID");
	bool dms = what == NULL || (id != NULL && strstr(id, "DMS-EVENT") != NULL);
	const char *mark = id == NULL ? NULL : strrchr(id, '#');
	struct notice *notice;

	if (message == NULL || from == NULL)
		return NULL;
	if (what == NULL)
		what = json_string(json, "SourceId");
	notice = notice_new(input, dms ? "DMS" : "RDS");
	notice_title(notice, "%s %s %s: %s", dms ? "DMS" : "RDS", from, what == NULL ? "?" : what,
	             message);
	notice_severity(notice, notice_severity_of(message));
	notice_set_text(notice, message);
	(void)event_time(json_string(json, "Event Time"), &notice->at_ms);
	notice_detail(notice, "Event", mark != NULL ? mark + 1 : id);
	notice_detail(notice, "Console", json_string(json, "Identifier Link"));
	return notice;
}

/* The token approves: it is left out, and with it the review link, which contains it. */
static struct notice *approval(const struct event_input *input)
{
	struct json_object *json = json_get(input->json, "approval");
	struct notice *notice;

	if (json_string(json, "pipelineName") == NULL)
		return NULL;
	notice = notice_new(input, "CodePipeline");
	notice_title_from(
		notice, "CodePipeline {pipelineName} waits for an approval: {stageName} / {actionName}",
		json, NULL);
	notice_severity(notice, "warning");
	notice_set_text(notice, json_string(json, "customData"));
	notice_detail(notice, "Expires", json_string(json, "expires"));
	notice_detail(notice, "Link", json_string(json, "externalEntityLink"));
	notice_detail(notice, "Console", json_string(input->json, "consoleLink"));
	return notice;
}

static struct notice *run_command(const struct event_input *input)
{
	struct json_object *json = input->json, *ids = json_get(json, "instanceIds");
	const char *instance = json_string(json, "instanceId");
	struct notice *notice;

	if (json_string(json, "commandId") == NULL || json_string(json, "documentName") == NULL ||
	    json_string(json, "status") == NULL)
		return NULL;
	notice = notice_new(input, "SSM Run Command");
	notice_title_from(notice,
	                  instance != NULL ? "Run Command {documentName} on {instanceId}: {status}"
	                                   : "Run Command {documentName}: {status}",
	                  json, NULL);
	notice_severity(notice, notice_severity_of(json_string(json, "status")));
	(void)event_time(json_string(json, "eventTime"), &notice->at_ms);
	notice_details_of(notice, json);
	for (size_t i = 0; i < json_count(ids) && i < 20; i++)
		notice_detail(notice, "Instance", json_string(json_at(ids, i), ""));
	return notice;
}

struct elasticache {
	const char *event, *what;
};

static bool take_elasticache(void *arg, const char *key, struct json_object *value)
{
	struct elasticache *e = arg;

	if (str_starts(key, "ElastiCache:")) {
		e->event = key + strlen("ElastiCache:");
		e->what = json_text(value, "");
	}
	return e->event == NULL;
}

static struct notice *cache(const struct event_input *input)
{
	struct elasticache e = { 0 };
	struct notice *notice;

	json_each(input->json, take_elasticache, &e);
	if (e.event == NULL)
		return NULL;
	notice = notice_new(input, "ElastiCache");
	notice_title(notice, "ElastiCache %s: %s", e.what == NULL ? "?" : e.what, e.event);
	notice_severity(notice, notice_severity_of(e.event));
	notice_details_of(notice, input->json);
	return notice;
}

static struct notice *code_deploy(const struct event_input *input)
{
	struct json_object *json = input->json;
	struct notice *notice;

	if (json_string(json, "deploymentId") == NULL || json_string(json, "eventTriggerName") == NULL)
		return NULL;
	notice = notice_new(input, "CodeDeploy");
	notice_title_from(notice, "CodeDeploy {applicationName} to {deploymentGroupName}: {status}",
	                  json, NULL);
	notice_severity(notice, notice_severity_of(json_string(json, "status")));
	notice_set_text(notice, json_text(json, "errorInformation"));
	if (!event_time(json_string(json, "completeTime"), &notice->at_ms))
		(void)event_time(json_string(json, "createTime"), &notice->at_ms);
	notice_details_of(notice, json);
	return notice;
}

static struct notice *mail(const struct event_input *input)
{
	struct json_object *json = input->json, *to = json_get(json, "mail.destination");
	const char *kind = json_string(json, "notificationType");
	struct notice *notice;
	bool bad;

	if (kind == NULL)
		kind = json_string(json, "eventType");
	if (kind == NULL || !json_is_object(json_get(json, "mail")))
		return NULL;
	bad = strcasecmp(kind, "Bounce") == 0 || strcasecmp(kind, "Complaint") == 0 ||
	      strcasecmp(kind, "Reject") == 0;
	notice = notice_new(input, "SES");
	notice_title(notice, "SES %s: mail to %zu recipient%s", kind, json_count(to),
	             json_count(to) == 1 ? "" : "s");
	notice_severity(notice, bad ? "warning" : "info");
	(void)event_time(json_string(json, "mail.timestamp"), &notice->at_ms);
	notice_detail(notice, "From", json_string(json, "mail.source"));
	for (size_t i = 0; i < json_count(to) && i < 5; i++)
		notice_detail(notice, "To", json_string(json_at(to, i), ""));
	notice_detail(notice, "Bounce", json_string(json, "bounce.bounceType"));
	notice_detail(notice, "Reason",
	              json_string(json, "bounce.bouncedRecipients[0].diagnosticCode"));
	notice_detail(notice, "Complaint", json_string(json, "complaint.complaintFeedbackType"));
	return notice;
}

struct notice *notice_from_sender(const struct event_input *input)
{
	static struct notice *(*const readers[])(const struct event_input *) = {
		approval, auto_scaling, database, run_command, cache, code_deploy, mail,
	};
	struct notice *notice = NULL;

	for (size_t i = 0; notice == NULL && i < sizeof(readers) / sizeof(readers[0]); i++)
		notice = readers[i](input);
	return notice;
}
