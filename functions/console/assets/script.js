// What a page gains where scripts run. Everything can be read without.
"use strict";
