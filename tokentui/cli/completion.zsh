#compdef tokentui
# Completion of `tokentui` in zsh: source <(tokentui completion zsh), behind compinit

_tokentui() {
    local kind value meaning
    local -a ended fields
    while IFS=$'\t' read -r kind value meaning; do
        if [[ $kind != plain ]]; then
            _files
            return
        fi
        if [[ $value == *: ]]; then
            fields+=("${value//:/\\:}${meaning:+:$meaning}")
        else
            ended+=("${value//:/\\:}${meaning:+:$meaning}")
        fi
    done < <(print -rn -- "${(j: :)words[1,CURRENT-1]} ${QIPREFIX}${PREFIX}" | $words[1] completion offer 2>/dev/null)
    [[ $PREFIX != --*=* ]] || compset -P '*='
    (( $#ended )) && _describe -V 'tokentui' ended
    (( $#fields )) && _describe -V 'fields of the filter' fields -S ''
    return 0
}

compdef _tokentui tokentui
