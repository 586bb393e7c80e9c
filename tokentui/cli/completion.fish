# Completion of `tokentui` in fish: tokentui completion fish | source

function __tokentui_offered
    set -l option (string match -r -- '^--[^=]+=' (commandline -ct))
    commandline -cp | tokentui completion offer 2>/dev/null | while read -d \t -l kind value meaning
        if test $kind != plain
            __fish_complete_path (commandline -ct)
            return
        end
        printf '%s%s\t%s\n' "$option" $value $meaning
    end
end

complete -c tokentui -f -a '(__tokentui_offered)'
