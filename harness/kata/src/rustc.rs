//! What rustc says about a build, read from the messages that cargo writes as JSON.

use serde_json::Value;

/// An error or a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The package that was being compiled.
    pub package: String,
    /// Whether it is an error, and not a warning.
    pub is_error: bool,
    /// rustc's own text, in colour.
    pub text: String,
}

/// All errors and warnings among cargo's messages, each once: a file that is compiled into several tests has them several times.
pub fn diagnostics(messages: &str) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    for diagnostic in messages.filter_map(|message| diagnostic(&message)) {
        if !found.contains(&diagnostic) {
            found.push(diagnostic);
        }
    }
    found
}

/// The error or the warning that a message of cargo's is about, if it is about one.
pub fn diagnostic(message: &Value) -> Option<Diagnostic> {
    let said = &message["message"];
    let level = said["level"].as_str()?;
    let is_error = level.starts_with("error");
    // "aborting due to 2 previous errors", "3 warnings emitted": they count what stands above.
    let is_count = said["spans"].as_array().is_none_or(Vec::is_empty)
        && said["message"].as_str().is_some_and(|text| text.starts_with("aborting due to") || text.ends_with(" emitted"));
    let wanted = (is_error || level == "warning") && !is_count;
    let package = message["manifest_path"].as_str()?.trim_end_matches("Cargo.toml").trim_end_matches(['/', '\\']);
    let text = said["rendered"].as_str()?.trim_end().to_owned();
    wanted.then(|| Diagnostic { package: package.rsplit(['/', '\\']).next().unwrap_or(package).to_owned(), is_error, text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(level: &str, text: &str, spans: usize) -> String {
        json!({
            "reason": "compiler-message",
            "manifest_path": "/w/katas/counter/Cargo.toml",
            "message": { "level": level, "message": text, "rendered": format!("{level}: {text}\n\n"), "spans": vec![json!({}); spans] },
        })
        .to_string()
    }

    #[test]
    fn errors_and_warnings_are_read_once_each_and_counts_are_left_out() {
        let messages = [
            json!({ "reason": "compiler-artifact" }).to_string(),
            message("error", "mismatched types", 1),
            message("error", "mismatched types", 1),
            message("warning", "unused variable", 1),
            message("error", "aborting due to 1 previous error", 0),
            message("warning", "1 warning emitted", 0),
            message("failure-note", "for more information about this error", 0),
        ]
        .join("\n");
        let expected = [(true, "error: mismatched types"), (false, "warning: unused variable")]
            .map(|(is_error, text)| Diagnostic { package: "counter".to_owned(), is_error, text: text.to_owned() });
        assert_eq!(diagnostics(&messages), expected);
    }
}
