#include "manual.hpp"

#include <qslip/detail/core/version.hpp>

#include <functional>

#include "command_line.hpp"

namespace qslip::tool {
namespace {

/// Calls visit(verb, "schema check") for each verb that does something, in the order of declaration.
void for_each_verb(const CLI::App& app, const std::function<void(const CLI::App&, const std::string&)>& visit,
                   const std::string& above = "") {
    for (const auto* verb : app.get_subcommands({})) {
        const auto name = above + verb->get_name();
        if (verb->get_subcommands({}).empty())
            visit(*verb, name);
        else
            for_each_verb(*verb, visit, name + " ");
    }
}

/// Text as roff shows it: hyphens stay hyphens, no line begins with a request.
std::string roff(const std::string& text) {
    std::string out;
    for (const char c : text) {
        const bool starts_line = out.empty() || out.back() == '\n';
        if (starts_line && (c == '.' || c == '\'')) out += "\\&";
        if (c == '-' || c == '\\') out += '\\';
        out += c == '\\' ? 'e' : c;
    }
    return out;
}

std::string usage_of(const CLI::App& verb, const std::string& name) {
    std::string text = "qslip " + name;
    for (const auto* option : verb.get_options()) {
        if (!option->get_positional()) continue;
        const auto many = option->get_expected_max() > 1 ? "..." : "";
        text +=
            option->get_required() ? " " + option->get_name() + many : " [" + option->get_name() + many + "]";
    }
    return text + " [OPTIONS]";
}

std::string entry_of(const CLI::Option& option) {
    const bool has_value = option.get_type_size() != 0 && !option.get_positional();
    const auto usual = option.get_default_str();
    std::string text = ".TP\n.B " + roff(option.get_name(option.get_positional(), true)) +
                       (has_value ? " " + roff(option.get_type_name()) : "") + "\n";
    text += roff(option.get_description()) + (usual.empty() ? "" : " (default " + roff(usual) + ")") + "\n";
    return text;
}

std::string section_of(const CLI::App& verb, const std::string& name) {
    std::string text = ".SS " + roff(usage_of(verb, name)) + "\n" + roff(verb.get_description()) + ".\n";
    for (const auto* option : verb.get_options()) text += entry_of(*option);
    return text + ".PP\n.nf\n" + roff(verb.get_footer()) + "\n.fi\n";
}

std::string words_of(const CLI::App& verb) {
    std::string words;
    for (const auto* below : verb.get_subcommands({})) words += below->get_name() + " ";
    for (const auto* option : verb.get_options())
        for (const auto& name : option->get_lnames()) words += "--" + name + " ";
    if (!words.empty()) words.pop_back();
    return words;
}

}  // namespace

std::string manual_page(const CLI::App& app) {
    std::string text = std::string(".TH QSLIP 1 \"\" \"qslip ") + version_string() + "\"\n";
    text += ".SH NAME\nqslip \\- what a quantized model lost, slice by slice\n";
    text += ".SH SYNOPSIS\n.B qslip\nVERB [ARGUMENTS] [OPTIONS]\n";
    text += ".SH DESCRIPTION\n" + roff(app.get_description()) + "\n.SH VERBS\n";
    for_each_verb(app, [&](const auto& verb, const auto& name) { text += section_of(verb, name); });
    text += ".SH ENVIRONMENT\n.TP\n.B QSLIP_FORCE_ISA\nThe instruction set to use, as \\-\\-isa.\n";
    text += ".TP\n.B NO_COLOR\nNo colour, and lines instead of a bar.\n";
    return text;
}

std::string bash_completion(const CLI::App& app) {
    std::string text = R"(_qslip() {
    local words current="${COMP_WORDS[COMP_CWORD]}"
    case "${COMP_WORDS[*]:1:COMP_CWORD-1}" in
)";
    for_each_verb(app, [&](const auto& verb, const auto& name) {
        text += "    '" + name + "'*) words='" + words_of(verb) + "' ;;\n";
    });
    text += "    'schema'*) words='" + words_of(*app.get_subcommand("schema")) + "' ;;\n";
    text += "    *) words='" + words_of(app) + "' ;;\n";
    // Below a verb only options are words; everything else is a file.
    return text + R"(    esac
    COMPREPLY=()
    [[ $words == --* && $current != -* ]] || COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _qslip qslip
)";
}

}  // namespace qslip::tool
