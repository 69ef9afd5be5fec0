#include "cli.hpp"

int main(int argc, char** argv) { return qslip::tool::run(argc, argv); }
