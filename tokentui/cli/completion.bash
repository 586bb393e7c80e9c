# Completion of `tokentui` in bash, 4.0 or later: source <(tokentui completion bash)

_tokentui() {
    local current=${COMP_WORDS[COMP_CWORD]} kind value meaning trimmed=""
    local -a values=() meanings=()
    COMPREPLY=()
    while IFS=$'\t' read -r kind value meaning; do
        if [[ $kind != plain ]]; then
            compopt -o default 2>/dev/null
            return
        fi
        values+=("$value")
        meanings+=("$meaning")
    done < <(printf '%s' "${COMP_LINE:0:COMP_POINT}" | "$1" completion offer 2>/dev/null)
    [[ ${#values[@]} -gt 0 ]] || return

    if [[ $current != [\"\']* ]]; then
        # bash ends a word at each colon, and replaces only what stands behind the last one.
        if [[ $COMP_WORDBREAKS == *:* && ${values[0]} == *:* && ($current == : || ${COMP_WORDS[COMP_CWORD - 1]} == :) ]]; then
            trimmed=${values[0]%"${values[0]##*:}"}
        fi
        for i in "${!values[@]}"; do
            printf -v "values[i]" %q "${values[i]#"$trimmed"}"
        done
    fi
    if [[ ${#values[@]} -eq 1 ]]; then
        COMPREPLY=("${values[0]}")
        [[ ${values[0]} != *: ]] || compopt -o nospace 2>/dev/null
    elif [[ $COMP_TYPE == 37 || $COMP_TYPE == 42 ]]; then # each is inserted in turn: no meanings
        COMPREPLY=("${values[@]}")
    else
        for i in "${!values[@]}"; do
            COMPREPLY+=("${values[i]}${meanings[i]:+  (${meanings[i]})}")
        done
        compopt -o nosort 2>/dev/null # bash 4.4
    fi
}

complete -F _tokentui tokentui
