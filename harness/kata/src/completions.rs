//! Scripts that let a shell complete `cargo kata`.

use crate::{COMMANDS, OPTIONS};

/// A shell that can be taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}

impl Shell {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Bash, Self::Zsh, Self::Fish];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }
}

/// The script for a shell: a text to be kept, since the command is there in this folder only. Names of katas are asked for when they are needed, so that a new one is known at once.
pub fn script(shell: Shell) -> String {
    let words = COMMANDS.join(" ");
    let options: Vec<String> = OPTIONS.iter().map(|(name, _)| format!("--{name}")).collect();
    let template = match shell {
        Shell::Bash => BASH,
        Shell::Zsh => ZSH,
        Shell::Fish => FISH,
    };
    template.replace("@WORDS@", &words).replace("@OPTIONS@", &options.join(" "))
}

/// Cargo has a completion of its own in many places: what is not about katas is left to it.
const BASH: &str = r#"
# Once, in this folder:  cargo kata completions bash >> ~/.bashrc
if [[ -z ${__cargo_before_kata+set} ]]; then
    __cargo_before_kata=$(complete -p cargo 2>/dev/null | sed -n 's/.* -F \([^ ]*\) .*/\1/p')
fi
__cargo_kata() {
    if [[ ${COMP_WORDS[1]} != kata || $COMP_CWORD -lt 2 ]]; then
        [[ -n $__cargo_before_kata ]] && "$__cargo_before_kata" "$@"
        [[ $COMP_CWORD -eq 1 && kata == "${COMP_WORDS[1]}"* ]] && COMPREPLY+=(kata)
        return
    fi
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words
    case $before in
        --rung) words="examples properties shuttle loom" ;;
        --format) words="text json" ;;
        completions) words="bash zsh fish" ;;
        *)
            words=$(cargo kata list --names 2>/dev/null)
            if [[ $word == -* ]]; then words="@OPTIONS@"; elif [[ $COMP_CWORD -eq 2 ]]; then words="@WORDS@ $words"; fi ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F __cargo_kata cargo
"#;

/// Cargo's own completion asks for a function of this name.
const ZSH: &str = r#"
# Once, in this folder, if ~/.zshrc calls compinit:  cargo kata completions zsh >> ~/.zshrc
_cargo-kata() {
    local -a words_here
    case ${words[CURRENT-1]} in
        --rung) words_here=(examples properties shuttle loom) ;;
        --format) words_here=(text json) ;;
        completions) words_here=(bash zsh fish) ;;
        *)
            words_here=(${(f)"$(cargo kata list --names 2>/dev/null)"})
            if [[ ${words[CURRENT]} == -* ]]; then words_here=(@OPTIONS@)
            elif [[ ${words[CURRENT-1]} == kata ]]; then words_here+=(@WORDS@); fi ;;
    esac
    compadd -- $words_here
}
if (( ! ${+functions[_cargo]} )) && (( ! ${+_comps[cargo]} )); then
    _cargo_with_kata() {
        if [[ ${words[2]} == kata && $CURRENT -gt 2 ]]; then _cargo-kata; else compadd -- kata build check run test; fi
    }
    compdef _cargo_with_kata cargo
fi
"#;

const FISH: &str = r#"
# Once, in this folder:  cargo kata completions fish >> ~/.config/fish/config.fish
complete -c cargo -n '__fish_use_subcommand' -a kata -d 'the next kata'
complete -c cargo -n '__fish_seen_subcommand_from kata; and not __fish_seen_subcommand_from @WORDS@' -f -a '@WORDS@'
complete -c cargo -n '__fish_seen_subcommand_from kata' -f -a '(cargo kata list --names 2>/dev/null)'
complete -c cargo -n '__fish_seen_subcommand_from kata; and __fish_prev_arg_in --rung' -f -a 'examples properties shuttle loom'
complete -c cargo -n '__fish_seen_subcommand_from kata; and __fish_prev_arg_in --format' -f -a 'text json'
complete -c cargo -n '__fish_seen_subcommand_from completions' -f -a 'bash zsh fish'
for option in @OPTIONS@
    complete -c cargo -n '__fish_seen_subcommand_from kata' -l (string sub -s 3 -- $option)
end
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_and_option_is_in_every_script() {
        for shell in Shell::ALL {
            let script = script(shell);
            assert!(COMMANDS.iter().all(|command| script.contains(command)), "{}", shell.name());
            assert!(OPTIONS.iter().all(|(name, _)| script.contains(&format!("--{name}"))), "{}", shell.name());
            assert!(!script.contains('@') || shell == Shell::Bash, "{script}");
        }
    }
}
