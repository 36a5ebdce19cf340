/* Answers of AWS's query protocols: whatever comes, a tree or an error; and what is read from it. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "adapters/aws/fault.h"
#include "adapters/aws/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_tree(const struct xml_node *root)
{
	static const char *const paths[] = { "", "a", "a.b[1].c", "Error.Code", "Errors.Error[0].Message", "a..b", "[", "a[",
		"a[9999999999999999999999]", "reservationSet.item.instancesSet.item.tagSet.item" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		(void)xml_text(root, paths[i]);
		for (size_t n = 0; n < xml_count(root, paths[i]); n++)
			if (xml_at(root, paths[i], n) == NULL)
				__builtin_trap();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct aws_fault_headers none;
	struct aws_fault fault;
	struct err err;
	struct xml *xml = xml_parse((const char *)data, size, &err);

	if (xml != NULL)
		read_tree(xml_root(xml));
	else if (err.kind != ERR_USAGE)
		__builtin_trap();
	xml_free(xml);
	aws_fault_read(&fault, AWS_EC2_QUERY, 400, (const char *)data, size, &none);
	aws_fault_read(&fault, AWS_JSON_1_1, 400, (const char *)data, size, &none);
	for (const char *c = fault.message; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			__builtin_trap();
	return 0;
}
