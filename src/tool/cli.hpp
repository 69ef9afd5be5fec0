#pragma once

namespace qslip::tool {

/// Parses the command line and runs its verb; returns the program's exit code. Never throws.
int run(int argc, char** argv);

}  // namespace qslip::tool
