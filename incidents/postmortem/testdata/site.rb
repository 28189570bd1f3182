# Renders each JSON string on standard input as a Jekyll site would: Liquid first, then kramdown's GFM flavour. One line
# of JSON comes back for each: {"html": …} or {"error": …}.
require "json"
require "kramdown"
require "kramdown-parser-gfm"
require "liquid"

$stdin.each_line do |line|
  answer =
    begin
      text = Liquid::Template.parse(JSON.parse(line)).render!("site" => { "secret" => "LEAKED" })
      { html: Kramdown::Document.new(text, input: "GFM", hard_wrap: false, syntax_highlighter: nil).to_html }
    rescue StandardError => e
      { error: "#{e.class}: #{e.message}" }
    end
  puts JSON.generate(answer)
end
