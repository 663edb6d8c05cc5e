// All that is tried in Wine.

import "./loading.ts";
import "./calls.ts";
import "./endings.ts";
import "./orders.ts";
import "./jobs.ts";
import "./processes.ts";
import "./streams.ts";
import "./templates.ts";
import "./permissions.ts";
import "./examining.ts";
import "./builds.ts";
import "./variables.ts";
import "./words.ts";
import "./confined.ts";
