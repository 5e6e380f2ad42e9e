"""The built-in lists of `server/channels/screening.py`: Russian and English obscenities and slurs, kept short on purpose.

`word` is that word alone, `word*` any word that begins so, `*word*` any word that has it inside. A stem is listed with the
prefixes that it takes, because most stems occur inside innocent words («требовать», «оскорблять», “Scunthorpe”). Our own
collection; hosts add their own words.
"""

RUSSIAN = """
бля блять блят* бляд* *блядс* блядь* сука суки суке суку сукой сучк* сучар* сучий сучья
хуй* хуе* хуё* хуя* хуи* нахуй* нахуя* похуй* похуи* похую нихуя* нехуй* нехуя* дохуя* дохуё* охуе* охуё* охуи* охуй* ахуе* ахуи*
*пизд* *пезд*
еб* ёб* заеб* заёб* наеб* наёб* уеб* уёб* выеб* выёб* доеб* доёб* проеб* проёб* переёб* переебал* поеб* поёб* недоеб*
*ъеб* *ъёб* *долбоеб* *долбоёб* въеб* разъеб* еблан* ебуч*
мудак* мудач* мудил* мудозвон* мудоёб*
пидор* пидар* пидр* педрил* пидорас* гандон* гондон* залуп* манда мандой манду
шлюх* дроч* жопа жопе жопу жопой жопы жопн* говн* говён* ублюд* хер хера херу херн* херов* нахер* похер* выблядок*
обосра* насра* засран* засранец*
жид жиды жидов нигер нигеры нигеров
"""

ENGLISH = """
*fuck* fuk fuking fcuk* *bullshit* shit* dipshit* batshit cunt* bitch* sonofabitch asshole* ass asses dumbass* jackass*
pussy pussies slut* whore* nigger* nigga* faggot* fag fags twat* wank wanker* wanking bastard* cocksuck* dickhead* motherfuck*
porn porno* pornhub*
blya blyat* bliat* blyad* suka suki nahui nahuy nahuj pohui pohuy huilo huylo huesos* pizd* pidor* pidar* ebat* ebal* ebany* zaeb*
mudak* gandon* gondon*
"""

INNOCENT = """
ебург* shitak* ебитда fukien ebate* ebates bitcher
"""
"""Words that begin like a listed one and are none."""
