"""What a language has: words that deny or limit, stems, sentences, how hard a text is to read, words that are not used."""
