"""Prints the template as its transforms leave it: loops unrolled, and SAM's resources as those of AWS."""

import json
import sys

from samcli.lib.cfn_language_extensions.api import create_default_intrinsic_resolver
from samcli.lib.cfn_language_extensions.models import TemplateProcessingContext
from samcli.lib.cfn_language_extensions.pipeline import ProcessingPipeline
from samcli.lib.cfn_language_extensions.processors.foreach import ForEachProcessor
from samcli.lib.cfn_language_extensions.processors.parsing import TemplateParsingProcessor
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

with open("template.yaml", encoding="utf-8") as file:
    template = yaml_parse(file.read())
defaults = {name: parameter["Default"] for name, parameter in template["Parameters"].items()}
context = TemplateProcessingContext(fragment=template, parameter_values=defaults)
loops = ForEachProcessor(intrinsic_resolver=create_default_intrinsic_resolver(context))
unrolled = ProcessingPipeline([TemplateParsingProcessor(), loops]).process_template(context)
for resource in unrolled["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = "s3://bucket/key"
metadata = unrolled["Resources"]["Api"]["Metadata"]
processed = Translator({}, Parser()).translate(unrolled, defaults)
# SAM does not carry over to a stage what is said of its API.
processed["Resources"]["Apiv1Stage"]["Metadata"] = metadata
json.dump(processed, sys.stdout, indent=1)
