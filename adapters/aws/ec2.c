#include "adapters/aws/ec2.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/aws/client.h"
#include "adapters/aws/xml.h"
#include "bot/clock.h"
#include "bot/mem.h"
#include "bot/str.h"

#define INSTANCE "reservationSet.item.instancesSet.item"

static const struct aws_service service = { "ec2", "ec2", "ec2", AWS_EC2_QUERY, "2016-11-15", false };

struct asking {
	char *instance;
	struct ec2_instance *out;
	struct done done;
};

void ec2_instance_free(struct ec2_instance *instance)
{
	free(instance->state);
	free(instance->reason);
	free(instance->type);
	free(instance->name);
	*instance = (struct ec2_instance){ 0 };
}

static void set_text(char **slot, const char *text)
{
	mem_set_string(slot, text != NULL && *text != '\0' ? text : NULL);
}

static const char *tag_name(const struct xml_node *node)
{
	for (size_t i = 0; i < xml_count(node, "tagSet.item"); i++) {
		const struct xml_node *tag = xml_at(node, "tagSet.item", i);
		const char *key = xml_text(tag, "key");

		if (key != NULL && strcmp(key, "Name") == 0)
			return xml_text(tag, "value");
	}
	return NULL;
}

static void fill(struct ec2_instance *out, const struct xml_node *node)
{
	const char *platform = xml_text(node, "platform"), *launched = xml_text(node, "launchTime");

	set_text(&out->state, xml_text(node, "instanceState.name"));
	set_text(&out->reason, xml_text(node, "reason"));
	set_text(&out->type, xml_text(node, "instanceType"));
	set_text(&out->name, tag_name(node));
	out->windows = platform != NULL && strcasecmp(platform, "windows") == 0;
	if (launched == NULL || !clock_parse_iso(launched, &out->launched_ms))
		out->launched_ms = 0;
}

static void described(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct asking *asking = arg;
	const struct xml_node *node;
	struct err why;

	if (err == NULL) {
		node = xml_get(answer->xml, INSTANCE);
		if (node != NULL && xml_text(node, "instanceState.name") != NULL) {
			fill(asking->out, node);
		} else {
			(void)err_set(&why, ERR_NOT_FOUND, "EC2 knows no instance %.40s in this account and "
			              "region (one that was terminated is forgotten after an hour)", asking->instance);
			err = &why;
		}
	}
	asking->done.fn(asking->done.arg, err);
	free(asking->instance);
	free(asking);
}

void ec2_describe(struct aws *aws, const struct aws_target *target, const char *instance,
                  struct ec2_instance *out, struct done done)
{
	struct asking *asking = mem_alloc(sizeof(*asking));
	struct str body;

	asking->instance = mem_copy_string(instance);
	asking->out = out;
	asking->done = done;
	str_init(&body, 1024);
	str_add(&body, "&Filter.1.Name=instance-id&Filter.1.Value.1=");
	str_add_percent(&body, instance, strlen(instance));
	aws_call(aws, &(struct aws_request){
		.service = &service, .operation = "DescribeInstances", .target = *target, .body = body.text,
		.idempotent = true,
	}, described, asking);
	str_free(&body);
}
