#include "cli.hpp"

#include <qslip/detail/core/nearest_name.hpp>

#include <algorithm>
#include <cstdio>
#include <span>
#include <string_view>

#include "command_line.hpp"
#include "manual.hpp"
#include "output.hpp"

namespace qslip::tool {
namespace {

/// The option or verb nearest to a word that was not understood, as a hint; empty when none is close.
std::string did_you_mean(const CLI::App& app, const std::string& word) {
    std::vector<std::string> known;
    for (const auto* verb : app.get_subcommands({})) known.push_back(verb->get_name());
    for (const auto* option : app.get_options())
        if (!option->get_lnames().empty()) known.push_back("--" + option->get_lnames().front());
    const auto near = nearest_name(word.substr(0, word.find('=')), known);
    return near.empty() ? "" : "; did you mean " + near + "?";
}

/// The first word that no option or verb took; empty when every word was taken.
std::string unknown_word(const CLI::App& app) {
    const CLI::App* verb = &app;
    std::string name;
    while (!verb->get_subcommands().empty()) {
        verb = verb->get_subcommands().front();
        name += (name.empty() ? "" : " ") + verb->get_name();
    }
    const auto rest = verb->remaining();
    if (rest.empty()) return "";
    const bool is_option = rest.front().starts_with("-");
    const char* kind = is_option ? "option " : verb->get_subcommands({}).empty() ? "argument " : "verb ";
    return "unknown " + (kind + rest.front()) + (name.empty() ? "" : " for \"" + name + "\"") +
           did_you_mean(*verb, rest.front());
}

/// CLI11 would read "-out" as -o with the value "ut".
status refuse_glued_values(std::span<char* const> words) {
    for (const std::string_view word : words) {
        if (word == "--") break;
        if (word.size() < 3 || !word.starts_with("-o")) continue;
        return {errc::usage,
                "option " + std::string(word) + ": write --out, or -o and its value with a space between"};
    }
    return {};
}

status usage_fault(std::string why) {
    return {errc::usage, std::move(why) + "\nRun qslip help or qslip help VERB."};
}

/// The verb of that name below the program, e.g. {"schema", "check"}.
result<const CLI::App*> find_verb(const CLI::App& app, const std::vector<std::string>& name) {
    const CLI::App* verb = &app;
    for (const auto& word : name) {
        const auto below = verb->get_subcommands({});
        const auto found = std::ranges::find(below, word, &CLI::App::get_name);
        if (found == below.end()) return usage_fault("unknown verb " + word + did_you_mean(*verb, word));
        verb = *found;
    }
    return verb;
}

result<int> show_help(const CLI::App& app, const help_args& args) {
    if (args.man) {
        std::fputs(manual_page(app).c_str(), stdout);
        return exit_done;
    }
    if (!args.completion.empty()) {
        if (args.completion != "bash")
            return usage_fault("there are completions for bash only, not for " + args.completion);
        std::fputs(bash_completion(app).c_str(), stdout);
        return exit_done;
    }
    QSLIP_TRY(const auto* verb, find_verb(app, args.verb));
    std::string name = "qslip";
    for (const auto& word : args.verb) name += " " + word;
    const auto text = app.get_formatter()->make_help(verb, name, CLI::AppFormatMode::Normal);
    std::fputs(text.c_str(), stdout);
    return exit_done;
}

/// Everything up to the verb: its exit code, or why it did not come to it.
result<int> parse_and_run(CLI::App& app, command_line& line, int argc, char** argv) {
    QSLIP_CHECK(refuse_glued_values({argv, static_cast<std::size_t>(argc)}));
    std::string parse_failure;
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help_or_version) {
        return app.exit(help_or_version);
    } catch (const CLI::ParseError& error) {
        parse_failure = error.what();
    }
    if (auto unknown = unknown_word(app); !unknown.empty()) return usage_fault(std::move(unknown));
    if (!parse_failure.empty()) return usage_fault(parse_failure);
    if (app.got_subcommand("help")) return show_help(app, line.help);
    if (!line.chosen) return usage_fault("no verb given");
    if (!line.limits_file.empty()) QSLIP_CHECK(read_limits(line.limits_file, line.common.limits));
    return line.chosen(line.common);
}

/// Looked for before parsing, which may fail.
bool asks_for_json(std::span<char* const> words) {
    return std::ranges::any_of(words, [](const char* word) { return std::string_view(word) == "--json"; });
}

void allow_unknown_words(CLI::App& app) {
    app.allow_extras();  // they get a hint of ours
    for (auto* below : app.get_subcommands({})) allow_unknown_words(*below);
}

result<int> run_line(int argc, char** argv) {
    try {
        CLI::App app;
        command_line line;
        declare_verbs(app, line);
        allow_unknown_words(app);
        return parse_and_run(app, line, argc, argv);
    } catch (const std::exception& error) {
        return status(errc::internal, error.what());
    }
}

}  // namespace

int run(int argc, char** argv) {
    const auto code = run_line(argc, argv);
    return code ? *code : report_error(code.status(), asks_for_json({argv, static_cast<std::size_t>(argc)}));
}

}  // namespace qslip::tool
